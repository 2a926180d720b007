#!/bin/bash
#SBATCH --job-name=pixtok-pack
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --open-mode=append
# One part of a set: the job of an array whose number it has. Slurm starts it again where its node fails or it is preempted, and
# it puts itself back into the queue where trying again may help.
set -uo pipefail
parts=$1 folder=$2
shift 2

${PIXTOK:-npx pixtok} pack "$@" --out "$folder" --part "environment/$parts"
code=$?

# 75: a fault of the machine. Above 128: a signal ended it.
if [ "$code" -eq 75 ] || [ "$code" -gt 128 ]; then
  if [ "${SLURM_RESTART_COUNT:-0}" -lt "${RESTARTS:-5}" ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
  fi
fi
exit "$code"
