{% snapshot stg_fleet__vehicles %}
{{ config(unique_key='vehicle_id', strategy='check', check_cols='all') }}
select * from {{ source('fleet', 'vehicles') }}
{% endsnapshot %}
