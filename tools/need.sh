# Names everything the system lacks in one line, before anything starts. Sourced, it sets $python.
# Plain sh: Python itself may be what is missing.

python=""
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
	if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
		python=$candidate
		break
	fi
done

lacking=""
if [ -z "$python" ]; then
	lacking="python3 python3-venv"
elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
	# Debian ships venv without ensurepip until this package is there.
	case $python in
	python3) lacking="python3-venv" ;;
	*) lacking="$python-venv" ;;
	esac
fi
command -v git >/dev/null 2>&1 || lacking="$lacking git"
command -v node >/dev/null 2>&1 || lacking="$lacking nodejs"
command -v npm >/dev/null 2>&1 || lacking="$lacking npm"

if [ -n "$lacking" ]; then
	echo "Missing on this system. Install it, then start again:" >&2
	# shellcheck disable=SC2086 # one word per package
	echo "  sudo apt install" $lacking >&2
	if [ -z "$python" ] && command -v python3 >/dev/null 2>&1; then
		echo "(Python 3.11 or newer is needed; this system's python3 is $(python3 -V 2>&1 | cut -d' ' -f2).)" >&2
	fi
	exit 1
fi
