select
    employee_id,
    department_id,
    hired_on
from {{ source('hr', 'employees') }}
