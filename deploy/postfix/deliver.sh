#!/bin/sh
# deliver.sh FROM TO: `mailflow deliver` between Postfix's pipe(8) and us. To Postfix every exit status but 0 and 75 is a
# bounce, and what the program says goes into it: a broken configuration, or a Python that is being upgraded, would tell
# strangers about our insides and lose their mail. So only what is final about the mail stays final; the reason is logged.
said=$(/opt/mailflow/bin/mailflow deliver --from="$1" --to="$2" 2>&1)
status=$?
[ -z "$said" ] || logger -t mailflow -p mail.warning -- "$said" 2>/dev/null
case $status in
    0) ;;
    65) echo "This message cannot be read" ;;
    67) echo "No such address here" ;;
    77) echo "This domain is not served here" ;;
    *) status=75 ;;
esac
exit $status
