#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cuts the power of a small file system in an image file, many times, and counts what is left of one
# file written just before. Needs root, mkfs.<kind> and loop devices.
#   power-cuts.sh <ext4|xfs|btrfs> <cuts> [work folder]
# It measures what each file system keeps of a name and its bytes after which syncs, without any of
# forkctl, for docs/decisions/0001-probes.md; forknight's power-cuts judge forkctl's promises.
# ext4 and xfs are stopped by FS_IOC_SHUTDOWN; of btrfs the image is copied while it is mounted.
set -euo pipefail
kind=$1 cuts=$2 work=${3:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd)
probes=$here/.build/release/probes
image=$work/$kind.img mount=$work/$kind.mount
mkdir -p "$mount"
trap 'umount -q "$mount" || true; rm -rf "$work"' EXIT

truncate -s 512M "$image"
mkfs."$kind" -q "$image"
mount -o loop "$image" "$mount"
mkdir "$mount/journals"
sync -f "$mount"
umount "$mount"

for how in synced grown renamed folder-synced linked unsynced; do
    whole=0 gone=0 damaged=0
    for ((round = 0; round < cuts; round++)); do
        mount -o loop "$image" "$mount"
        "$probes" power-cut-write "$mount/journals" "$how" "$round"
        if [ "$kind" = btrfs ]; then
            cp --sparse=always "$image" "$image.cut"
            umount "$mount"
            btrfs device scan --forget >/dev/null
            mv "$image.cut" "$image"
        else
            "$probes" power-cut "$mount"
            umount "$mount"
        fi
        mount -o loop "$image" "$mount"
        case $("$probes" power-cut-check "$mount/journals" "$how" "$round") in
            whole) whole=$((whole + 1)) ;;
            gone) gone=$((gone + 1)) ;;
            *) damaged=$((damaged + 1)) ;;
        esac
        rm -f "$mount"/journals/*
        sync -f "$mount"
        umount "$mount"
    done
    echo "$kind $how: $cuts cuts, $whole whole, $gone gone, $damaged damaged"
done
