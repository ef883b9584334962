"""Change presets, templates and regex scripts."""

import discord

DEFAULT_PERMISSIONS = discord.Permissions(manage_guild=True)
