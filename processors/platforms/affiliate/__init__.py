"""Affiliates, whose network is only read: what they bring comes with touches' `ref`."""
