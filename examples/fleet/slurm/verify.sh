#!/bin/bash
#SBATCH --job-name=pixtok-verify
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --open-mode=append
# The last step, when no job of the array is left: compares every byte, or sends off what is missing once more. It puts itself
# back into the queue as pack.sh does.
set -uo pipefail
here=$1
shift
parts=$1 folder=$2
pixtok=${PIXTOK:-npx pixtok}

finish() {
  if [ "$1" -eq 75 ] || [ "$1" -gt 128 ]; then
    if [ "${SLURM_RESTART_COUNT:-0}" -lt "${RESTARTS:-5}" ]; then
      scontrol requeue "$SLURM_JOB_ID"
    fi
  fi
  exit "$1"
}

if [ -d "$folder" ]; then
  missing=$($pixtok verify "$folder" --quick --missing "$parts")
  code=$?
else
  missing=0-$((parts - 1)) code=1
fi
if [ "$code" -eq 0 ]; then
  $pixtok verify "$folder"
  finish $?
fi
# nothing is known to be missing: a fault of the machine, or something is wrong, and it has said what
if [ -z "$missing" ]; then finish "$code"; fi
if [ "${ROUND:-1}" -ge "${ROUNDS:-3}" ]; then
  echo "parts $missing are missing after ${ROUNDS:-3} rounds"
  exit 1
fi
ARRAY=$missing ROUND=$((${ROUND:-1} + 1)) exec "$here/submit.sh" "$@"
