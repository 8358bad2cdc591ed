select policy_id, holder_id, starts_on, premium from {{ source('policies', 'policies') }}
