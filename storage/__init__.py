"""What outlives a restart: TinyDB behind one lock, snapshots, journals, the audit log."""

from storage.data import Data, ReadOnlyData, open_data, read_only

__all__ = ["Data", "ReadOnlyData", "open_data", "read_only"]
