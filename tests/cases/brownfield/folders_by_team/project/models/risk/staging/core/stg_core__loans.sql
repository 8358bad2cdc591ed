select loan_id, account_id, principal from {{ source('core', 'loans') }}
