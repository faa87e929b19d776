"""The words that the scanner knows: short forms of names, titles, words that are no name, kinds of street, months."""

from __future__ import annotations

# Each line: forms of one name. A form may stand in several lines.
_FORMS = """
alexander alex alec al sandy xander lex sasha
alexandra alex sandra sandy lexi sasha
alfred alf alfie fred
albert al bert bertie
amanda mandy
amelia millie milly mia amy
andrew andy drew
angela angie ange
ann anne anna annie nan nancy
anthony antony tony ant
antonia toni
barbara barb babs barbie
benjamin ben benny benji
bernard bernie
bridget bridie biddy
caroline carolyn carol carrie caz
catherine katherine kathryn katharine kate katie kathy cathy kitty kat cath kath kay
charles charlie charley chas chuck chaz
charlotte charlie lottie lotte
christine christina chris chrissie tina
christopher chris kit topher
cynthia cindy
daniel dan danny
danielle dani
david dave davey davy dai
deborah debra deb debbie debs
dennis denis den denny
derek del
donald don donny
dorothy dot dotty dottie dolly
edward ed eddie eddy ted teddy ned
eleanor ellie nell nellie nora
elizabeth liz lizzie lizzy beth betty bess bessie betsy eliza lisa libby elsie
emily em emmy millie
florence flo flossie florrie
frances fran frankie francie
francis frank frankie fran
frederick fred freddie freddy
gabriel gabe
gareth gary gaz
geoffrey jeffrey geoff jeff
george georgie
georgina georgie gina
gerald gerry jerry
gillian gill gilly jill
graham gray
gregory greg
gwendolyn gwen
harold harry hal
harriet hattie harry
helen nell nellie
henry harry hal hank
hilary hils
hugh hughie
isaac ike zac
isabel isabella isobel izzy bella belle
jacob jake
jacqueline jackie jacqui
james jim jimmy jamie jem
janet jan jenny
jane jean jan janie jeanie jeannie jenny
jennifer jen jenny jenna
jessica jess jessie
joan joanie
joanne joanna jo joey
john jon johnny jack jonny
jonathan jon jonny jonty nathan
joseph joe joey jos
josephine jo josie
joshua josh
judith judy jude judi
julia julie jules
karen kaz
kenneth ken kenny
kevin kev
kimberley kimberly kim
laura lauren laurie lori
lawrence laurence larry laurie lol
leonard len lenny leo
leslie lesley les
lillian lily lil lilly
louis lewis lou louie
louise lou lulu
lucy lucille lucinda
madeleine maddie maddy
malcolm mal
margaret maggie meg megan peggy peg marge margie madge rita greta daisy mags
maria mary marie mia moll molly polly may
martin marty
matilda tilly mattie
matthew matt mattie
maureen mo
maurice mo
maxwell maximilian max
michael mick micky mickey mike mikey
michelle shell shelly chelle
mohammed muhammad mohammad mohamed mohamad muhammed mo
natalie nat
nathaniel nathan nat nate
nicholas nicolas nick nicky nico
nicola nicky nikki nic
norman norm
oliver ollie olly
olivia liv livvy
oscar oz ozzy
pamela pam
patricia pat patsy trish tricia patty paddy
patrick pat paddy rick
pauline polly
penelope penny
peter pete
philip phillip phil pip
philippa pippa pip
rachel rach rae
raymond ray
rebecca becky becca beck bex
reginald reg reggie
richard rich richie rick ricky dick
robert rob robbie bob bobby bert
roberta bobbie
rodney rod
roger rodge
ronald ron ronnie
rosemary rose rosie
russell russ
samantha sam sammy
samuel sam sammy
sarah sara sally sadie
sebastian seb
shaun sean shawn
sidney sydney sid syd
simon si
siobhan shiv
sophia sophie soph
stanley stan
stephen steven steve stevie
stephanie steph stevie
stuart stewart stu
susan suzanne susanna sue susie suzie suzy
sylvia syl
terence terry tel
theresa teresa terry tess tessa
theodore theo ted teddy
thomas tom tommy
timothy tim timmy
valerie val
veronica ronnie vera
vera v
victor vic
victoria vicky vicki tori vic
vincent vince vinny
vivian vivien viv
walter wally walt
wilfred wilf
wilhelmina mina billie
william will bill billy willy liam
winifred win winnie freda
yvonne eve
zachary zach zac zack
"""


def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _FORMS.split("\n"):
        forms = [form for form in line.split() if len(form) > 1]
        for form in forms:
            found.setdefault(form, set()).update(forms)
    return {form: frozenset(others - {form}) for form, others in found.items()}


SHORT_FORMS = _groups()

_TITLES = """
mr mrs ms miss mx dr doctor sir lady lord prof professor rev reverend master madam dame cllr father sister
"""
TITLES = frozenset(_TITLES.split())

_PARTICLES = """
de da di du la le van von der den al el bin ibn bint
"""
# Parts of a surname that name nobody alone: "Al-Masri", "De la Cruz".
PARTICLES = frozenset(_PARTICLES.split())
# Parts of what stands in the place of a name that do not name anybody.
_RELATIONS = """
and of the aka known as not name unknown unborn baby man
woman boy girl child son daughter mother father mum dad brother sister partner husband wife friend person
neighbour male female older younger grandson granddaughter grandmother grandfather nephew niece cousin carer
visitor
"""
RELATIONS = frozenset(_RELATIONS.split())
NOT_A_NAME = PARTICLES | RELATIONS

# Names that are everyday words too. In small letters and without a title they are taken for the word.
_ALSO_WORDS = """
will may mark rose hope grace faith joy june april august summer dawn frank bill rob sue pat art drew grant
chase young long short white black brown green gray grey king hill wood house day bell cook baker hall lane
field fields banks brook brooks bush church cross dale ford fox ward wells west east north south love price
pope power powers rich rice reed read rush sharp small stone street strong sweet swift turner walker waters
winter best case cash cole cope dear dean duke early earl fair fish flower flowers forest frost game gates
gold good hand hardy harper hart head heart home hunt ivy jack jewel job key lamb law lea light little loud
major marsh mason max mercy miles mills moon noble noon page park parks parish pearl penny pike pitt plant
pond poole port post potts pride prince pure queen rain ray ring rivers robin root rosemary ruby sage sands
sandy sears see self sky snow son spring star step still story sunny tell the tony trust van victor vale
violet wise worth worthy yes can do go he her in is it me my no on or so to up us we an as at be by am if man
men any all one two has had his him who how not now out off per via say set get got let put run ran sat sit
six ten war way yet you our own old new ken tel si dot win nat mo don ant val reg al shell daisy lily olive
poppy skip chuck dick guy herb hank lot lots mat mick norm peg pip
act amber angel autumn bird bishop blessing bond bridge bridges bright bull burn burns butler care carol carpenter
carter castle chance charity christian christmas clay cliff comfort cotton court crystal curry dance darling destiny
driver dyer english farmer fell finch fisher flint flood foot freeman french friend garden gardener gift glass glover
grave graves groom ham hay heath heather heaven holiday honour hook hood horn hurt iris jolly judge keen kind knight
lake lovely low lucky main march marks mayor meadows melody money moody moss nice nurse orange painter parsons patience
peace pepper pleasant porter potter pound precious proud prudence quick raven rest rider rock salt saint savage school
senior service shade shepherd shields silver singer skinner smart sparks speed squire staff stark steel stocks storm
success summers swallow tailor temple thorn towers town treasure trinity true twist vine wait wake wall walls want
weeks wild willow wing wish wonder woods workman yard younger
"""
ALSO_WORDS = frozenset(_ALSO_WORDS.split())

_MOSTLY_NAMES = """
tony victor rosemary robin lily daisy ruby violet ivy olive poppy sandy max penny pearl ken reg norm pip jack val mo
mick tel iris carol april june jan
"""
# Those of them that with a capital name somebody at the head of a sentence too.
MOSTLY_NAMES = frozenset(_MOSTLY_NAMES.split())

_AFTER_A_NAME = """
is was has had isnt wasnt hasnt hadnt does did doesnt didnt who whose
said says told tells asked asks shouted shouts cried screamed screams swore swears spoke speaks answered answers replied
rang rings phoned phones texted texts calls came comes went goes took takes gave gives saw sees heard hears knew knows
thought thinks felt feels wanted wants needs likes liked loves loved hates hated lives lived works worked visits visited
stays stayed helps helped cooks drinks drank ate slept smokes smoked drove sat stood threw hit hits pushed pushes
slapped slaps punched punches kicked kicks grabbed grabs choked attacked assaulted abused threatened threatens controls
controlled accused accuses denied denies admitted admits promised apologised explained laughed arrived tried tries
"""
# What is said of a person after their name, at the head of a sentence: "Will said", not "Will she"; not what is said of
# a thing as well: "Mark seen on left arm", "Bill paid", "Grant refused".
AFTER_A_NAME = frozenset(_AFTER_A_NAME.split())

_DID = """
beat began bought broke brought caught chose drew fed fought found forgot got held kept led left lent lost made met paid
ran rode sent shook shot sold spent stole struck taught tore wore won wrote
"""
# What somebody did, beside what ends in "ed", and to what: "Mark left the flat", not "Mark left arm".
DID = frozenset(_DID.split())
OBJECTS = frozenset({"the", "a", "an", "her", "his", "him", "their", "them", "my", "me", "our", "us", "it", "that"})

_NOBODY = """
anybody anyone anything both children everybody everyone ex first for former she maybe my neighbours nobody none not
other others our parent parents perhaps possibly reporter some somebody someone staff tenant tenants their there these
they this those two three wife with worker
aunt uncle stepfather stepmother stepson stepdaughter grandparents grandchildren siblings twins relative relatives
family lodger lodgers visitors police officer council school teacher nurse manager landlord contractor witness witnesses
caller colleague colleagues boyfriend girlfriend partners flatmate housemate
"""
# Words with a capital that name nobody, in an answer that lists people in free text.
NOBODY = frozenset(_NOBODY.split())

# Kinds of street and building, with their short forms.
_STREETS = """
street st
road rd
avenue ave av
lane ln
close cl
court ct crt
drive drv dr
place pl
terrace ter terr
gardens gdns garden gdn
crescent cres cresc
square sq
grove gro grv
house hse ho
buildings bldgs building bldg
mews
way
walk wlk
rise
row
hill
park pk
view vw
green grn
path
parade pde
yard yd
wharf
tower towers twr
lodge
cottage cottages cott
villa villas
mansions
estate est
heights hts
quay
gate
mount mt
croft
field fields
farm
"""
STREET_KINDS: dict[str, str] = {
    form: line.split()[0] for line in _STREETS.split("\n") if line.strip() for form in line.split()
}
_PARTS_OF_A_HOUSE = """
flat apartment apt unit room floor block studio bungalow caravan plot no number
"""
PARTS_OF_A_HOUSE = frozenset(_PARTS_OF_A_HOUSE.split())

_BEFORE_A_PLACE = """
outside inside near at by in the her his their home opposite behind beside next on off of and to from around house flat
"""
# What stands before the name of a street or a building and is no part of it.
BEFORE_A_PLACE = frozenset(_BEFORE_A_PLACE.split())

_REACHES_NOBODY = """
phone telephone tel mobile mob landline call calls calling ring ringing text texts texting sms message messages
messaging voicemail answerphone whatsapp messenger facebook email emails mail e online video letter letters post write
writing visit visits visiting door knock face person home contact contacts contacting reach speak speaking talk leave
number numbers address addresses detail details way ways method information info interpreter she he they her him them
their his herself himself tenant resident customer client a the to by on in at of for with via and or but if when only
first direct directly either both any anytime time all it this that there is are be was can cannot cant do dont does
doesnt did didnt has have hasnt havent had please not no never unknown known know knows yet unsure sure none nothing
nil n na nk tbc tba confirmed applicable available given provided supplied stated recorded held shared said say asked
ask declined refused withheld disclosed confidential found present currently now safe safely unsafe preferred prefers
prefer preference concerns restrictions issues needs needed required yes ok okay fine best usual normal same as above
below see before previous previously last ditto already notes note file record system referral report form fixed abode
homeless called phoned telephoned texted emailed voice voicemails zoom teams use i we nobody one anything everything
give gave unable want wants wanted appointment discussed pending awaiting awaited enquiring tbd case whereabouts
current unannounced alone consent lives here moved temporary accommodation nfa sofa surfing rough sleeping
"""
# An answer to "How can they be reached?" that is made of these words only leads to nobody: "Ring her", "Not known", "As
# above". No word here is an hour, a day, a relative or a place other than home.
REACHES_NOBODY = frozenset(_REACHES_NOBODY.split())

_KINDS_OF_PEOPLE = """
nana gran grandma grandad granddad grandpa auntie mam mummy daddy stepmum stepdad
"""
_KINDS_OF_PLACE = """
work workplace office shop shops school nursery college university church mosque temple synagogue hospital surgery
clinic pharmacy library gym park cafe pub club bank court council town
"""
# By itself each of these is any such person or place, and it stands in every text: "Mother", "School". "Her sister" and
# "at work" are what somebody wrote about one.
ANY_SUCH = RELATIONS | NOBODY.union(_KINDS_OF_PEOPLE.split(), _KINDS_OF_PLACE.split())

MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may",),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sep", "sept"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
