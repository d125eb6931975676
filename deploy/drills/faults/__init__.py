"""Every kind of fault that a drill makes: a module each, all of them in `ALL`."""
