"""The proof of a plan: dbt in a child process, every planned node accounted for, and the built data checked."""

from cartridge.verify.build import verify as verify
from cartridge.verify.dbt import DbtOptions as DbtOptions
from cartridge.verify.dbt import DbtRun as DbtRun
from cartridge.verify.parse import WITH_SCHEMA_WARNINGS as WITH_SCHEMA_WARNINGS
from cartridge.verify.parse import ParseReport as ParseReport
from cartridge.verify.parse import parse as parse
from cartridge.verify.sandbox import verify_in_sandbox as verify_in_sandbox
