with src as (
    select * from {{ source('mindbody', 'clients') }}
),

final as (
    select
        id as client_id,
        email,
        created_at,
        _fivetran_synced
    from src
    where not coalesce(_fivetran_deleted, false)
)

select * from final
