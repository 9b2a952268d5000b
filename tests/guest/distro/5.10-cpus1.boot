# Another kernel of Debian, none of whose features are hidden from it
image=5.10-cloud
cpus=1
