"""Where works are looked for, and what is known of one."""
