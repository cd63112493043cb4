#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A service that fetches a report with a Kerberos ticket of its own."""

import gssapi

name = gssapi.Name("HTTP@files01.example.test", gssapi.NameType.hostbased_service)
context = gssapi.SecurityContext(name=name, usage="initiate")
print(len(context.step()))
