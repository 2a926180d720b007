#!/bin/bash
# Packs a set as an array of Slurm, and looks at it afterwards:
#
#   submit.sh PARTS FOLDER SOURCE [options of pixtok pack]
#
# PIXTOK is the command (npx pixtok), CPUS how many each job of the array has. Options of sbatch, such as a partition, are taken from its variables: SBATCH_PARTITION.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
parts=$1

# parts that are to run again, where verify.sh calls this
job=$(sbatch --parsable --array="${ARRAY:-0-$((parts - 1))}" ${CPUS:+--cpus-per-task="$CPUS"} "$here/pack.sh" "$@")
sbatch --parsable --dependency="afterany:$job" "$here/verify.sh" "$here" "$@"
