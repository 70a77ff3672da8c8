"""The commands this server has for computers: their numbers are its own."""

RESTART = 27
COMMANDS = {
    2: "Execute Command",
    17: "Resend Software",
    RESTART: "Reboot Computer",
    28: "Reboot to Safe Mode",
    31: "Shutdown Computer",
}
