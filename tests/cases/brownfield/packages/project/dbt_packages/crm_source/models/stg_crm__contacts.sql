select contact_id, account_id, email from {{ source('crm', 'contacts') }}
