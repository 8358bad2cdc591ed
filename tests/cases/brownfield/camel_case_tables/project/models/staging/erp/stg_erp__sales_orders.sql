select
    "SalesOrderId" as sales_order_id,
    "BusinessPartnerId" as business_partner_id,
    "OrderDate" as order_date
from {{ source('erp', 'SalesOrders') }}
