select loan_id, principal from {{ ref('stg_core__loans') }}
