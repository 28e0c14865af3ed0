"""Which names of HTML, SVG and old browsers do something, and which are only read."""

# Event handler content attributes: HTML (8.1.8.2), Pointer, Touch, Animation and Transition Events, SVG 2,
# SMIL, and what browsers had of their own (MSDN's list of DHTML events).
EVENTS = frozenset(
    b"""
    onabort onactivate onafterprint onafterscriptexecute onafterupdate onanimationcancel onanimationend
    onanimationiteration onanimationstart onappinstalled onariarequest onautocomplete onautocompleteerror
    onauxclick onbeforeactivate onbeforecopy onbeforecut onbeforedeactivate onbeforeeditfocus
    onbeforeinput onbeforeinstallprompt onbeforematch onbeforepaste onbeforeprint onbeforescriptexecute
    onbeforetoggle onbeforeunload onbeforeupdate onbegin onblur onbounce oncancel oncanplay
    oncanplaythrough oncellchange onchange onclick onclose oncommand oncompassneedscalibration
    oncontentvisibilityautostatechange oncontextlost oncontextmenu oncontextrestored oncontrolselect oncopy
    oncuechange oncut ondataavailable ondatasetchanged ondatasetcomplete ondblclick ondeactivate
    ondevicelight ondevicemotion ondeviceorientation ondeviceproximity ondrag ondragdrop ondragend
    ondragenter ondragexit ondragleave ondragover ondragstart ondrop ondurationchange onemptied onend
    onended onerror onerrorupdate onexit onfilterchange onfinish onfocus onfocusin onfocusout
    onformchange onformdata onforminput onfullscreenchange onfullscreenerror ongotpointercapture
    onhashchange onhelp oninput oninvalid onkeydown onkeypress onkeyup onlanguagechange
    onlayoutcomplete onload onloadeddata onloadedmetadata onloadend onloadstart onlosecapture
    onlostpointercapture onmediacomplete onmediaerror onmessage onmessageerror onmousedown
    onmouseenter onmouseleave onmousemove onmouseout onmouseover onmouseup onmousewheel onmove
    onmoveend onmovestart onmozfullscreenchange onmozfullscreenerror onoffline ononline
    onorientationchange onoutofsync onpagehide onpagereveal onpageshow onpageswap onpaste onpause onplay
    onplaying onpointercancel onpointerdown onpointerenter onpointerleave onpointermove onpointerout
    onpointerover onpointerrawupdate onpointerup onpopstate onprogress onpromptaction onpromptdismiss
    onpropertychange onqt_error onratechange onreadystatechange onrejectionhandled onrepeat onreset
    onresize onresizeend onresizestart onresume onreverse onrowdelete onrowenter onrowexit
    onrowinserted onrowsdelete onrowsenter onrowsinserted onscroll onscrollend onscrollsnapchange
    onscrollsnapchanging onsearch onsecuritypolicyviolation onseek onseeked onseeking onselect
    onselectionchange onselectstart onshow onslotchange onstalled onstart onstop onstorage onsubmit
    onsuspend onsyncrestored ontimeerror ontimeupdate ontoggle ontouchcancel ontouchend ontouchmove
    ontouchstart ontrackchange ontransitioncancel ontransitionend ontransitionrun ontransitionstart
    onunhandledrejection onunload onurlflip onuserproximity onvolumechange onwaiting
    onwebkitanimationend onwebkitanimationiteration onwebkitanimationstart onwebkitfullscreenchange
    onwebkitmouseforcechanged onwebkitmouseforcedown onwebkitmouseforceup onwebkitmouseforcewillbegin
    onwebkitplaybacktargetavailabilitychanged onwebkittransitionend onwheel onzoom
    """.split()
)
# Words that begin like a handler.
ORDINARY = frozenset(
    b"once one oneof only online ongoing onto onset onsite onshore onhand onboard onboarded onboarding "
    b"onward onwards ontology onerous".split()
)
# Attributes that hold text for people or names for style sheets: whatever stands there does nothing.
TEXT = frozenset(
    b"title alt placeholder label summary abbr class id name rel target lang dir width height colspan "
    b"rowspan align valign color size face datetime for headers scope".split()
)
