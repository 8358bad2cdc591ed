select
    "BusinessPartnerId" as business_partner_id,
    "DisplayName" as display_name
from {{ source('erp', 'BusinessPartners') }}
