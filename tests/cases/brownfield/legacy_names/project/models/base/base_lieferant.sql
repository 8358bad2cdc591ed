{{ config(materialized='view') }}

select
  lieferant_id,
  firma
from {{ source('erp', 'lieferant') }}
