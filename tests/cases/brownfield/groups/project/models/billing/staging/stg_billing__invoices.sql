select invoice_id, customer_id, issued_on from {{ source('billing', 'invoices') }}
