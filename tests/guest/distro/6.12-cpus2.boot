# Another kernel of Debian, two CPUs
image=6.12-cloud
cpus=2
