# Another kernel of Debian, none of whose features are hidden from it
image=6.12-cloud
cpus=1
