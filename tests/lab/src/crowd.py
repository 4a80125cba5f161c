# Adds many accounts with SPNs straight into the file of a domain's partition:
# its records and those of its indexes, as ldb's key and value layer writes them.
# Through ldb each account would copy the long lists of every index, so that a
# hundred thousand took an hour; this takes seconds. Each is a copy of an account
# that is there, without its secrets.
import base64
import os
import struct
import subprocess
import sys

import ldb
import samba
import tdb
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm

base, domain, count, user, computer = sys.argv[1:6]
count = int(count)
private = "/var/lib/samba/private/sam.ldb"
partition = "%s.d/%s.ldb" % (private, base.upper())
lp = LoadParm()
lp.load_default()
number = subprocess.run(
    ["ldbsearch", "-H", private, "-s", "base", "-b", "", "highestCommittedUSN"],
    check=True, capture_output=True, text=True).stdout
first = int(next(line for line in number.splitlines() if line.startswith("highest")).split()[1])
db = samba.Ldb(url="tdb://" + partition, lp=lp)
indexed = {bytes(name).decode() for name in db.search(ldb.Dn(db, "@INDEXLIST"), ldb.SCOPE_BASE)[0]["@IDXATTR"]}


def template(name):
    return db.search(base, ldb.SCOPE_SUBTREE, "(sAMAccountName=%s)" % name)[0]


SAME = ["objectClass", "instanceType", "whenCreated", "whenChanged", "nTSecurityDescriptor",
        "userAccountControl", "codePage", "countryCode", "primaryGroupID", "accountExpires",
        "sAMAccountType", "objectCategory", "pwdLastSet"]
user, computer = template(user), template(computer)
# A process may not have the file open twice.
del db
file = tdb.Tdb(partition, 0, tdb.SEQNUM, os.O_RDWR)
sid = str(ndr_unpack(security.dom_sid, user["objectSid"][0])).rsplit("-", 1)[0]


def packed(dn, canonical, elements):
    """A message in the second of ldb's formats (ldb_pack.c)."""
    heads, values = b"", b""
    for name, several in elements:
        longest = max(map(len, several))
        width = 1 if longest < 0x100 else 2 if longest < 0x10000 else 4
        heads += struct.pack("<I", len(name)) + name.encode() + b"\0" + struct.pack("<IB", len(several), width)
        heads += b"".join(len(value).to_bytes(width, "little") for value in several)
        values += b"".join(value + b"\0" for value in several)
    names = b"".join(struct.pack("<I", len(name)) + name + b"\0" for name in (dn, canonical))
    return struct.pack("<II", 0x26011968, len(elements)) + names + struct.pack("<I", len(heads) + 4) + heads + values


def index_key(attribute, value):
    """The record of an index in which accounts with this value are."""
    if attribute in ("userAccountControl", "primaryGroupID", "sAMAccountType"):
        value = b"p%010d" % int(value)
    elif attribute in ("uSNCreated", "uSNChanged"):
        value = b"p%019d" % int(value)
    elif attribute == "objectSid":
        value = b":" + base64.b64encode(value)
    elif attribute == "objectCategory":
        value = value.split(b";")[-1].upper()
    else:
        value = value.upper()
    return b"@INDEX:%s:%s" % (attribute.upper().encode(), value)


index = {}


def add(template, container, name, sam, number, spns, **more):
    dn = "CN=%s,CN=%s,%s" % (name, container, base)
    usn = str(first + 1 + number)
    guid = struct.pack(">I", 0xf0000000 + number) + os.urandom(12)
    new = {key: [bytes(value) for value in template[key]] for key in SAME if key in template}
    for key, value in {
            "cn": name, "name": name, "sAMAccountName": sam, "uSNCreated": usn, "uSNChanged": usn,
            "objectGUID": guid, "objectSid": ndr_pack(security.dom_sid("%s-%d" % (sid, 200000 + number))),
            "servicePrincipalName": spns, **more}.items():
        several = value if isinstance(value, list) else [value]
        new[key] = [one if isinstance(one, bytes) else one.encode() for one in several]
    canonical = "%s/%s/%s" % (domain, container, name)
    file.store(b"GUID=" + guid, packed(dn.encode(), canonical.encode(), list(new.items())))
    keys = [b"@INDEX:@IDXDN:" + dn.upper().encode(),
            b"@INDEX:@IDXONE:" + dn.split(",", 1)[1].upper().encode()]
    for attribute in indexed.intersection(new) - {"objectGUID"}:
        keys.extend(index_key(attribute, value) for value in new[attribute])
    for key in keys:
        index.setdefault(key, []).append(guid)


def accounts_of(record):
    """The accounts in the record of an index: its second and last value."""
    at = 8
    for _ in range(2):
        at += struct.unpack_from("<I", record, at)[0] + 5
    values = at + struct.unpack_from("<I", record, at)[0]
    guids = record[values + len(b"3\0"):-1]
    return [guids[at:at + 16] for at in range(0, len(guids), 16)]


def write_index():
    for key, guids in index.items():
        name = b"DN=" + key + b"\0"
        before = file.get(name)
        if before:
            guids = guids + accounts_of(before)
        lists = [("@IDXVERSION", [b"3"]), ("@IDX", [b"".join(sorted(guids))])]
        file.store(name, packed(key, b"", lists))


def host(number):
    return "pc%06d" % number


file.transaction_start()
for i in range(count):
    if i % 4 != 3:
        short, full = host(i).upper(), "%s.%s" % (host(i), domain)
        add(computer, "Computers", short, short + "$", i,
            ["HOST/" + short, "HOST/" + full,
             "RestrictedKrbHost/" + short, "RestrictedKrbHost/" + full], dNSHostName=full)
        continue
    server = "MSSQLSvc/%s.%s" % (host(i - 1), domain)
    spns, more = [server + ":1433", server], {}
    case = i % 1000
    if case == 3:  # a duplicate
        spns.append("MSSQLSvc/%s.%s:1433" % (host(i + 3), domain))
    elif case == 11:  # malformed
        spns.append(server + "\\X")
    elif case == 15:  # two of a host that is gone
        spns = ["MSSQLSvc/gone%06d.%s%s" % (i, domain, port) for port in ("", ":1433")]
    elif case == 19:  # two of a disabled account
        more["userAccountControl"] = "66050"
    elif case == 23:  # the form without a port is missing
        spns.pop()
    elif case == 27:  # the form with the port is missing
        spns.pop(0)
    elif case == 31:  # a named instance, complete
        spns = [server + ":50000", server + ":INST"]
    add(user, "Users", "sv%06d" % i, "sv%06d" % i, i, spns, **more)
write_index()
file.transaction_commit()
subprocess.run(["tdbtool", private + ".d/metadata.tdb", "store", "SEQ_NUM", str(first + count)],
               check=True, capture_output=True)
