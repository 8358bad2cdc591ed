{{ config(materialized='table') }}

select
  a.artikel_id,
  a.bezeichnung,
  l.firma
from {{ ref('base_artikel') }} a
left join {{ ref('base_lieferant') }} l on l.lieferant_id = a.lieferant_id
