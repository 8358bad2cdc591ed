select workspace_id, account_id, plan from {{ source('app', 'workspaces') }}
