# Debian's kernel for cloud machines
image=6.1-cloud
cpus=4
