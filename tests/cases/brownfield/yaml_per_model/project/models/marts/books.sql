select
    books.*,
    authors.full_name as author_name
from {{ ref('stg_catalogue__books') }} as books
left join {{ ref('stg_catalogue__authors') }} as authors
    on books.author_id = authors.author_id
