# SPDX-License-Identifier: BSD-2-Clause
"""A deterministic initial RAM disk: the "newc" cpio format, written with no times and no owners."""
import gzip
import stat


def _entry(number, name, mode, data=b"", device=(0, 0)):
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1], len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def initramfs(files, links, folders):
    """The compressed archive. files: name -> (mode, bytes); links: name -> target; folders: names."""
    entries = [(name, stat.S_IFDIR | 0o755, b"", (0, 0)) for name in folders]
    entries.append(("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)))
    entries += [(name, stat.S_IFREG | mode, data, (0, 0)) for name, (mode, data) in sorted(files.items())]
    entries += [(name, stat.S_IFLNK | 0o777, target.encode(), (0, 0)) for name, target in sorted(links.items())]
    archive = b"".join(_entry(number, *entry) for number, entry in enumerate(entries, 1))
    archive += _entry(0, "TRAILER!!!", 0)
    return gzip.compress(archive + bytes(-len(archive) % 512), mtime=0)
