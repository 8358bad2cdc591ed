select policy_id, holder_id from {{ source('policies', 'policies') }}
