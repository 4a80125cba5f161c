# Adds many accounts with SPNs straight into the partition of a domain, below
# Samba's modules: a hundred thousand take minutes and not hours. Each is a copy
# of an account that is there, without its secrets.
import os
import struct
import subprocess
import sys

import ldb
import samba
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm

base, domain, count, user, computer = sys.argv[1:6]
count = int(count)
private = "/var/lib/samba/private/sam.ldb"
lp = LoadParm()
lp.load_default()
number = subprocess.run(
    ["ldbsearch", "-H", private, "-s", "base", "-b", "", "highestCommittedUSN"],
    check=True, capture_output=True, text=True).stdout
first = int(next(line for line in number.splitlines() if line.startswith("highest")).split()[1])
db = samba.Ldb(url="tdb://%s.d/%s.ldb" % (private, base.upper()), lp=lp)


def template(name):
    return db.search(base, ldb.SCOPE_SUBTREE, "(sAMAccountName=%s)" % name)[0]


SAME = ["objectClass", "instanceType", "whenCreated", "whenChanged", "nTSecurityDescriptor",
        "userAccountControl", "codePage", "countryCode", "primaryGroupID", "accountExpires",
        "sAMAccountType", "objectCategory", "pwdLastSet"]
user, computer = template(user), template(computer)
sid = str(ndr_unpack(security.dom_sid, user["objectSid"][0])).rsplit("-", 1)[0]


def add(template, container, name, sam, number, spns, **more):
    dn = "CN=%s,CN=%s,%s" % (name, container, base)
    message = ldb.Message(ldb.Dn(db, dn))
    new = {key: [bytes(value) for value in template[key]] for key in SAME if key in template}
    usn = str(first + 1 + number)
    new.update({
        "cn": name, "name": name, "distinguishedName": dn, "sAMAccountName": sam,
        "uSNCreated": usn, "uSNChanged": usn,
        # Each after the one before: indexes are lists in the order of GUIDs.
        "objectGUID": struct.pack(">I", 0xf0000000 + number) + os.urandom(12),
        "objectSid": ndr_pack(security.dom_sid("%s-%d" % (sid, 200000 + number))),
        "servicePrincipalName": spns, **more})
    for key, value in new.items():
        message[key] = ldb.MessageElement(value, ldb.FLAG_MOD_ADD, key)
    db.add(message)


def host(number):
    return "pc%06d" % number


db.transaction_start()
# Every addition would copy the long lists of every index, that of each
# container's children too: they are made anew in the end instead.
index = ldb.Dn(db, "@INDEXLIST")
before = db.search(index, ldb.SCOPE_BASE)[0]
KINDS = ["@IDXATTR", "@IDXONE"]


def set_indexes(wanted):
    message = ldb.Message(index)
    for kind in KINDS:
        names = [bytes(name) for name in before[kind]] if wanted else []
        message[kind] = ldb.MessageElement(names, ldb.FLAG_MOD_REPLACE, kind)
    db.modify(message)


set_indexes(False)
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
set_indexes(True)
db.transaction_commit()
subprocess.run(["tdbtool", private + ".d/metadata.tdb", "store", "SEQ_NUM", str(first + count)],
               check=True, capture_output=True)
