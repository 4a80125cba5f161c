set -eu
umask 077
export LC_ALL=C

mode=${1:-apply}
backup=${BACKUP_DIR:-./sspi-doctor-backup-$session}
record=$backup/done

say() { printf '%s\n' "$*"; }
stop() { printf 'STOPPED: %s\n' "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || stop "$1 is not installed; Debian: apt install $2"; }

# The servers of a SRV record, the preferred one first.
srv() {
  need dig bind9-dnsutils
  dig +short +time=3 +tries=2 SRV "$1" | sort -n -k1,1 | awk '{ sub(/\.$/, "", $4); if ($4 != "") print $4 }'
}

# A domain controller of a domain: the one named above, or the first in DNS.
dc_of() {
  chosen=$(named_dc "$1")
  [ -n "$chosen" ] || chosen=$(srv "_ldap._tcp.dc._msdcs.$1" | head -n 1)
  [ -n "$chosen" ] || stop "no domain controller of $1 in DNS; name one at the top of this script"
  printf '%s\n' "$chosen"
}

# A global catalog of the forest that a domain controller belongs to.
gc_of() {
  if [ -n "${GC:-}" ]; then printf '%s\n' "$GC"; return 0; fi
  root=$(ldapsearch -LLL -o ldif-wrap=no -x -H "ldap://$1" -b '' -s base rootDomainNamingContext) ||
    stop "$1 does not answer on port 389"
  forest=$(printf '%s\n' "$root" | sed -n 's/^rootDomainNamingContext: *[Dd][Cc]=//p' | sed 's/, *[Dd][Cc]=/./g')
  chosen=$(srv "_gc._tcp.$forest" | head -n 1)
  [ -n "$chosen" ] || stop "no global catalog of $forest in DNS; set GC=host"
  printf '%s\n' "$chosen"
}

# LDAP, signed and sealed with the Kerberos ticket that is there.
search() { ldapsearch -LLL -o ldif-wrap=no -N -Q -Y GSSAPI "$@"; }

# modify DOMAIN: makes the change on standard input.
modify() {
  dc=$(dc_of "$1") || exit 1
  ldapmodify -N -Q -Y GSSAPI -H "ldap://$dc" >/dev/null || stop "$dc refused the change; nothing else was done"
}

# take_spn DOMAIN DN LINE...: removes one SPN; the change is on standard input.
# Samba refuses to take a value away as long as two accounts hold it, but takes
# the whole list without all such values: the LINEs, in LDIF, are those that this
# script takes from the account.
take_spn() {
  dc=$(dc_of "$1") || exit 1
  object=$2
  shift 2
  change=$(cat)
  if printf '%s\n' "$change" | ldapmodify -N -Q -Y GSSAPI -H "ldap://$dc" >/dev/null; then return 0; fi
  say "   refused as a single value; writing the list back without it"
  list=$(search -H "ldap://$dc" -b "$object" -s base servicePrincipalName) || stop "$dc does not show $object"
  case $list in *'servicePrincipalName;range='*) stop "$object holds too many SPNs for that; remove it with setspn" ;; esac
  {
    printf '%s\n' "$change" | sed -n '1p'
    printf 'changetype: modify\nreplace: servicePrincipalName\n'
    printf '%s\n' "$list" | grep -i '^servicePrincipalName:' | grep -vixF -e "$(printf '%s\n' "$@")" || true
    printf -- '-\n'
  } | ldapmodify -N -Q -Y GSSAPI -H "ldap://$dc" >/dev/null || stop "$dc refused the change; nothing else was done"
  for line in "$@"; do printf '%s %s\n' "$object" "$line" >>"$backup/taken"; done
}

# taken DN LINE: whether an earlier step took this one along.
taken() { [ -s "$backup/taken" ] && grep -qixF -e "$1 $2" "$backup/taken"; }

# line_of DOMAIN DN ATTRIBUTE: one value as it stands in LDIF; empty without one.
line_of() {
  dc=$(dc_of "$1") || exit 1
  shown=$(search -H "ldap://$dc" -b "$2" -s base '(objectClass=*)' "$3") || stop "$dc does not show $2"
  printf '%s\n' "$shown" | grep -i "^$3:" | head -n 1 || true
}

# put_value DOMAIN DN-LINE ATTRIBUTE LINE: the attribute gets this value alone; an
# empty LINE takes it away.
put_value() {
  {
    printf '%s\nchangetype: modify\nreplace: %s\n' "$2" "$3"
    [ -z "$4" ] || printf '%s\n' "$4"
    printf -- '-\n'
  } | modify "$1"
}

# change_flag set|clear DOMAIN DN DN-LINE BIT: one bit of userAccountControl, only
# if nobody else has changed it meanwhile; 0 done, 1 already so.
change_flag() {
  old=$(value_of "$2" "$3" userAccountControl) || exit 1
  [ -n "$old" ] || stop "userAccountControl of $3 cannot be read"
  if [ "$1" = clear ]; then new=$((old & ~$5)); else new=$((old | $5)); fi
  [ "$new" != "$old" ] || return 1
  modify "$2" <<LDIF
$4
changetype: modify
delete: userAccountControl
userAccountControl: $old
-
add: userAccountControl
userAccountControl: $new
-
LDIF
}

# holds DOMAIN DN FILTER: whether an object matches.
holds() {
  dc=$(dc_of "$1") || exit 1
  found=$(search -H "ldap://$dc" -b "$2" -s base "$3" dn) || stop "$dc does not show $2"
  case $found in *dn:*) return 0 ;; *) return 1 ;; esac
}

# holders DOMAIN FILTER: who matches in the whole forest.
holders() {
  dc=$(dc_of "$1") || exit 1
  gc=$(gc_of "$dc") || exit 1
  search -H "ldap://$gc:3268" -b '' -s sub "$2" dn || stop "the global catalog $gc does not answer"
}

# nobody_else DOMAIN SPN FILTER: stops when another account holds the SPN.
nobody_else() {
  others=$(holders "$1" "$3") || exit 1
  case $others in
    *dn:*) stop "another account holds $2, adding it would make a duplicate:
$others" ;;
  esac
}

# save DOMAIN DN: today's values of an account, into the backup.
save() {
  dc=$(dc_of "$1") || exit 1
  date -u '+# %Y-%m-%d %H:%M:%S UTC' >>"$backup/before.ldif"
  search -H "ldap://$dc" -b "$2" -s base servicePrincipalName msDS-AllowedToDelegateTo \
    userAccountControl lockoutTime accountExpires msDS-SupportedEncryptionTypes userPrincipalName memberOf >>"$backup/before.ldif" ||
    stop "$dc does not show $2"
}

# value_of DOMAIN DN ATTRIBUTE: the one value of an attribute, or nothing.
value_of() {
  dc=$(dc_of "$1") || exit 1
  entry=$(search -H "ldap://$dc" -b "$2" -s base "$3") || stop "$dc does not show $2"
  printf '%s\n' "$entry" | sed -n "s/^$3: //p" | head -n 1
}

# write_value DOMAIN LINE ATTRIBUTE VALUE: replaces the value; an empty one
# deletes it. LINE is the dn in LDIF.
write_value() {
  {
    printf '%s\nchangetype: modify\nreplace: %s\n' "$2" "$3"
    [ -z "$4" ] || printf '%s: %s\n' "$3" "$4"
    printf -- '-\n'
  } | modify "$1"
}

# set_value NUMBER DOMAIN DN LINE ATTRIBUTE VALUE: replaces the value and keeps
# the old one for the rollback.
set_value() {
  before=$(value_of "$2" "$3" "$5") || exit 1
  if [ "$before" = "$6" ]; then already; return 0; fi
  printf '%s\n' "$before" >"$backup/$1.before"
  write_value "$2" "$4" "$5" "$6"
  made "$1"
}

# clear_flag NUMBER DOMAIN DN LINE FLAG: clears bits of userAccountControl.
clear_flag() {
  before=$(value_of "$2" "$3" userAccountControl) || exit 1
  case $before in '' | *[!0-9]*) stop "you may not read userAccountControl of $3" ;; esac
  set_value "$1" "$2" "$3" "$4" userAccountControl "$((before & ~$5))"
}

# reset_name NUMBER DOMAIN DN LINE SPN NAME FILTER: a userPrincipalName that is
# the SPN, alone or with a realm, becomes NAME; an empty one deletes it. FILTER
# finds who has NAME already.
reset_name() {
  before=$(value_of "$2" "$3" userPrincipalName) || exit 1
  if [ "$before" = "$6" ]; then already; return 0; fi
  spn=$(printf '%s' "$5" | tr '[:upper:]' '[:lower:]')
  case $(printf '%s' "$before" | tr '[:upper:]' '[:lower:]') in
    "$spn" | "$spn@"*) ;;
    *) stop "userPrincipalName of $3 is now '$before'; walk once more before anything is changed" ;;
  esac
  if [ -n "$6" ]; then
    others=$(holders "$2" "$7") || exit 1
    case $others in
      *dn:*) stop "another account has the logon name $6:
$others" ;;
    esac
  fi
  set_value "$1" "$2" "$3" "$4" userPrincipalName "$6"
}

# put_back NUMBER DOMAIN LINE ATTRIBUTE: writes back what set_value kept.
put_back() { write_value "$2" "$3" "$4" "$(cat "$backup/$1.before")"; }

# DNS over RPC, with the same ticket.
dns() {
  need samba-tool samba-common-bin
  action=$1
  shift
  samba-tool dns "$action" "$@" --use-krb5-ccache="$ccache"
}

# zone_of SERVER NAME: the longest zone of the server that the name is in.
zone_of() {
  zones=$(dns zonelist "$1") || stop "the DNS service of $1 does not answer"
  name=$2
  while [ -n "$name" ]; do
    if printf '%s\n' "$zones" | sed -n 's/^ *pszZoneName *: *//p' | grep -qixF -e "$name"; then
      printf '%s\n' "$name"
      return 0
    fi
    case $name in *.*) name=${name#*.} ;; *) name= ;; esac
  done
  stop "$1 has no zone for $2; it has to be made first: samba-tool dns zonecreate $1 ZONE"
}

# dns_change add|delete DOMAIN SERVER NAME TYPE DATA: 0 done, 1 already so.
dns_change() {
  what=$1 server=$3 owner=$4 type=$5 data=$6
  [ -n "$server" ] || server=$(dc_of "$2") || exit 1
  zone=$(zone_of "$server" "$owner") || exit 1
  label=${owner%"$zone"}
  label=${label%.}
  [ -n "$label" ] || label=@
  now=$(dns query "$server" "$zone" "$label" "$type" 2>&1) || now=
  printf '%s before: %s\n' "$owner" "$now" >>"$backup/dns-before.txt"
  there=no
  if printf '%s\n' "$now" | sed -n "s/^ *$type: *\\([^ ]*\\).*/\\1/p" | sed 's/\.$//' | grep -qixF -e "$data"; then
    there=yes
  fi
  case $what/$there in add/yes | delete/no) return 1 ;; esac
  dns "$what" "$server" "$zone" "$label" "$type" "$data" || stop "$server refused to $what $owner $type $data"
}

already() { say "   already so, nothing done"; }
left=0
by_hand() { left=$((left + 1)); say "   left to you"; }
made() { printf '%s\n' "$1" >>"$record"; say "   done"; }

start() {
  mkdir -p "$backup"
  [ "$needs_ticket" = yes ] || return 0
  need ldapsearch ldap-utils
  klist -s 2>/dev/null || stop "no Kerberos ticket; as an administrator of the domain: kinit Administrator@DOMAIN"
  ccache=${KRB5CCNAME:-$(klist 2>/dev/null | sed -n 's/^Ticket cache: //p')}
}

apply() {
  if [ "$steps" = 0 ]; then manual; return 0; fi
  start
  say "Saving today's values in $backup"
  save_all
  number=1
  while [ "$number" -le "$steps" ]; do
    say "$number/$steps $(title "$number")"
    "apply_$number"
    number=$((number + 1))
  done
  if [ "$left" = 0 ]; then say "All done."; else say "Done, but $left of $steps steps are left to you."; fi
  [ ! -s "$record" ] || say "To undo it: sh $0 rollback"
  after
  verify
}

rollback() {
  start
  [ -s "$record" ] || stop "nothing to undo: $record has no step in it"
  for number in $(sort -rn "$record" | uniq); do
    say "undo $number: $(title "$number")"
    if ("undo_$number"); then
      grep -vx "$number" "$record" >"$record.new" || true
      mv "$record.new" "$record"
    else
      say "   not undone; see the message above"
    fi
  done
}

# exactly DOMAIN SPN NAME FILTER: says who holds an SPN, and whether that is right.
exactly() {
  now=$(holders "$1" "$4") || exit 1
  count=$(printf '%s\n' "$now" | grep -c '^dn:' || true)
  if [ "$count" = 1 ]; then
    say "$2: one holder, as it must be ($3 is meant)"
  else
    say "$2: $count holders in the global catalog. After a change that can take until replication is through; otherwise:"
  fi
  printf '%s\n' "$now" | sed -n 's/^dn:/   /p'
}

main() {
  case $mode in
    apply) apply ;;
    rollback) rollback ;;
    verify) start; verify ;;
    plan)
      number=1
      while [ "$number" -le "$steps" ]; do
        say "$number. $(title "$number")"
        number=$((number + 1))
      done
      manual
      ;;
    *) say "usage: sh $0 [plan | apply | verify | rollback]"; exit 2 ;;
  esac
}
