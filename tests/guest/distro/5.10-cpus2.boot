# Another kernel of Debian, two CPUs
image=5.10-cloud
cpus=2
