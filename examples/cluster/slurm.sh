#!/bin/bash
# Three nodes with a GPU and a shared folder: sbatch slurm.sh /shared/film.mov
#SBATCH --nodes=3 --ntasks-per-node=1 --gpus-per-task=1 --cpus-per-task=8
set -e
export RAY_USAGE_STATS_ENABLED=0
HEAD=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n1)
srun --nodes=1 --ntasks=1 -w "$HEAD" \
  ray start --head --node-ip-address="$HEAD" --port=6379 --include-dashboard=false --block &
sleep 20
srun --nodes=2 --ntasks=2 --exclude="$HEAD" ray start --address="$HEAD:6379" --block &
sleep 20
rythmo dub "$1" --from en --to es --executor ray --cluster "$HEAD:6379" --store /shared/rythmo
