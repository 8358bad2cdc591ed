select class_id, starts_at from {{ ref('stg_mindbody__classes') }}
