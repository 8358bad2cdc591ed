{{ config(materialized='view') }}

select
  artikel_id,
  lieferant_id,
  bezeichnung
from {{ source('erp', 'artikel') }}
