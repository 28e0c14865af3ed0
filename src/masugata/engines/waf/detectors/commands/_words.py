"""Commands that attackers run, by how much their names say.

Sources: POSIX.1-2017 (Shell and Utilities), GNU coreutils; GTFOBins and LOLBAS for which of them serve
attackers; Microsoft's list of Windows commands.
"""


def _words(text: str) -> frozenset[bytes]:
    return frozenset(word.encode() for word in text.split())


UNIX = _words("""
    whoami uname ifconfig netstat nslookup wget curl ncat netcat nc bash zsh ksh csh tcsh dash sh ash chmod
    chown chgrp mkfifo printenv lsof lscpu lsblk mknod xargs awk gawk nawk mawk sed grep egrep fgrep zgrep
    busybox traceroute tcpdump tftp telnet ssh scp rsync ping ping6 dig gcc tar gzip gunzip bzip2 zcat zmore
    zless base64 base32 xxd hexdump tac crontab killall pkill passwd useradd usermod adduser sudo getent arp
    iptables systemctl dpkg apt-get yum rpm gdb strace ltrace socat nmap hping3 ls ps pwd df du cp mv rm
    rmdir mkdir ln dd vi vim printf echo eval tee uptime wc uniq stty lynx w3m aria2c axel mysqldump
    redis-cli openssl dmesg lsmod insmod modprobe umount fdisk mkfs poweroff nohup setsid ipcs readelf
    objdump mkpasswd chroot chattr lsattr nano lwp-request lwp-download ansible ansible-playbook
    ansible-pull ansible-vault ansible-console aptitude rmt pipx chef-run cscli busctl capsh choom cobc
    composer cpan cpio cpulimit csplit debugfs dialog dmsetup dosbox dstat dvips eqn espeak facter fping
    gawk gimp grc hd iftop ionice ispell jjs jq jrunscript julia ksshell latex ldconfig logsave ltrace
    lualatex luatex mawk mtr mutt ncftp neofetch nft nmcli nroff openvpn pax pdb pkexec pic pidstat puppet
    rlwrap rpmquery rview rvim scrot setarch setfacl setlock sftp smbclient softlimit sqlmap ssh-agent
    ssh-keygen ssh-keyscan sshpass stdbuf sysstat tclsh tcping tshark unexpand unshare unsquashfs unxz unzip
    valgrind vimdiff virsh vigr vipw w3m wish xdotool xelatex xmodmap xmore xpad xz yarn yelp zathura zip
    zsoelim zypper subl update-alternatives bsdtar gcc-4 gimptool curlftpfs ftpget ftpput nproc getconf
    visudo unlink rlogin rsh rcp sysctl logname dircolors ulimit umask ll htop atop lastlog lastb flock c89
    c99 rmt-dump rmt-tar zstdcat zstdgrep zstdless unzstd lz4cat unlzma xzcat xzgrep bzcat bzgrep bzless
    bzmore zegrep zdiff aa-exec aa-disable aa-enforce aa-status chef-client chef-solo chef-vault
    ansible-doc ansible-galaxy ansible-inventory apache2ctl apachectl agetty arping byebug clamscan
    cowsay csvtool dhclient distcc ethtool exiftool genisoimage ghci ipset iperf iperf3 journalctl ksu
    loginctl msgattrib msgcat msgconv msgfilter msgmerge msguniq ngrep nsenter openvt osascript perlbug
    pgrep pmap prlimit pwdx renice runuser setpriv swapoff swapon taskset tracepath vmstat blkid losetup
    findmnt lsns lsusb lspci run-parts run-mailcap start-stop-daemon shuf uudecode uuencode whiptail
    md5sum sha1sum sha256sum sha512sum mktemp apk dnf pacman sw_vers gdbserver
""")
"""No words of English: behind what separates commands they say much."""
UNIX_WORDY = _words("""
    cat id who find sort date more less head tail cut test host hostname touch kill sleep last paste join
    split make service mail write look expand fold env set export read wait jobs type hash time file groups
    watch screen install strings patch nice history alias cd exit top free ip su route man whereis which
    locate users finger php python python2 python3 perl ruby node nodejs lua npm docker kubectl mount
    shutdown reboot halt source exec command mysql psql sqlite3 mongo apt pip gem rev nl od cmp diff comm tr
    seq fetch timeout column perf git ed ex ss rc
""")
"""Words and names that prose has as well: what they are called with decides."""
WINDOWS = _words("""
    ipconfig systeminfo tasklist taskkill schtasks wmic certutil bitsadmin regsvr32 rundll32 mshta cscript
    wscript powershell pwsh cmd whoami nslookup netstat tracert netsh icacls cacls attrib xcopy robocopy
    findstr nbtstat hostname ping route arp dir vssadmin bcdedit sc qwinsta quser driverquery gpresult
    msiexec installutil regasm diskpart cipher ftp appcmd assoc auditpol bcdboot bootrec chkdsk cmdkey
    cmstp csvde diskshadow dism dsquery dsget esentutl eventcreate extrac32 fltmc forfiles fsutil ftype
    getmac gpupdate klist makecab mavinject msbuild msdt net1 nltest ntdsutil odbcconf openfiles pcalua
    pnputil qprocess regini regsvcs setx takeown tskill typeperf verclsid wbadmin wevtutil
""")
WINDOWS_WORDY = _words(
    "type net copy del move ren start more set ver vol echo find sort reg date time path "
    "erase rd md cd cls tree"
)
NAMES = UNIX | UNIX_WORDY | WINDOWS | WINDOWS_WORDY
"""Of all systems."""
SHELLS = _words(
    "bash sh zsh ksh csh tcsh dash ash python python2 python3 perl ruby php node nodejs lua busybox"
)
"""What runs code that is given to it."""
CONNECTS = _words("nc ncat netcat socat telnet")
