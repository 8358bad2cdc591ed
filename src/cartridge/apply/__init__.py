"""Change sets become files: checked first, written through one door, recovered after a crash, undone on request."""

from cartridge.apply.check import check as check
from cartridge.apply.commit import commit as commit
from cartridge.apply.git import uncommitted as uncommitted
from cartridge.apply.recover import Recovery as Recovery
from cartridge.apply.recover import recover as recover
from cartridge.apply.shadow import shadow as shadow
from cartridge.apply.undo import Applied as Applied
from cartridge.apply.undo import UndoReport as UndoReport
from cartridge.apply.undo import history as history
from cartridge.apply.undo import undo as undo
