select account_id, holder_id, opened_on from {{ source('core', 'accounts') }}
