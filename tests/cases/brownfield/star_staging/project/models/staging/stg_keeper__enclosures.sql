select * from {{ source('keeper', 'enclosures') }}
