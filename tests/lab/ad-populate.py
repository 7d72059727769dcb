#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""ad-populate.py FOLDER - people for a freshly provisioned, stopped domain controller.

Called by ad-up.  Works on the database itself, which takes a second and not one start of
samba-tool for each change.
"""
import os
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

work = sys.argv[1]
lp = LoadParm()
lp.load(os.path.join(work, "dc1/etc/smb.conf"))
db = SamDB(url=os.path.join(work, "dc1/private/sam.ldb"),
           session_info=system_session(lp), lp=lp)

db.transaction_start()
# passwords that need not be changed, and may be simple
policy = ldb.Message(ldb.Dn(db, db.domain_dn()))
for name, value in (("maxPwdAge", "-9223372036854775808"), ("minPwdLength", "4")):
    policy[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
db.modify(policy)
for name in ("alice", "bob", "mallory", "svc-web"):
    db.newuser(name, "Passw0rd-" + name)
db.newgroup("staff")
db.add_remove_group_members("staff", ["alice", "bob"])
# the controller's own service names, which it would have only minutes after its start
computer = db.search(expression="sAMAccountName=DC1$", attrs=["dn"])[0]
names = ldb.Message(computer.dn)
names["servicePrincipalName"] = ldb.MessageElement(
    ["ldap/dc1.guise.test", "ldap/DC1"], ldb.FLAG_MOD_ADD, "servicePrincipalName")
db.modify(names)
db.transaction_commit()
