select * from {{ ref('stg_ads__campaigns') }}
