"""The terminal driver: Textual's, but bytes that are no text and codes that are no keys do not end the program."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver


class PatientDriver(LinuxDriver):
    """Reads on after input that cannot be decoded; what stood in the same read is lost, nothing else is."""

    def run_input_thread(self) -> None:
        """As Textual's, started again after a fault in the input."""
        while not self.exit_event.is_set():
            try:
                super().run_input_thread()
            except (ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
                continue
