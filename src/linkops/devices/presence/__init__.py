"""Who is online: logins, goodbyes, and what persistent sessions keep while a device is away."""
