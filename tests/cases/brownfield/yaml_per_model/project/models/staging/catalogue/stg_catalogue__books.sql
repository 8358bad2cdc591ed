select
    id as book_id,
    author_id,
    title,
    published_on
from {{ source('catalogue', 'books') }}
