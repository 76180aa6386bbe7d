(function(){var d=document,box=d.getElementById('play');if(!box)return;
var name=box.getAttribute('data-name'),stage=box.getAttribute('data-stage'),mine=box.getAttribute('data-mine'),full=box.getAttribute('data-ready'),url='/play/'+encodeURIComponent(name),power=d.getElementById('power'),sum=0,last=null,busy=0;
function ask(method,where,body,then){var x=new XMLHttpRequest();x.open(method,where);x.setRequestHeader('Accept','application/json');if(body)x.setRequestHeader('Content-Type','application/x-www-form-urlencoded');x.timeout=8000;x.onloadend=function(){var found=null;try{found=JSON.parse(x.responseText)}catch(e){}then(found&&found.stage?found:null,x.status)};x.send(body)}
function took(found){if(!found)return;var me=null;(found.seats||[]).forEach(function(s){if(s.sign==mine)me=s});
if(found.stage!=stage||(mine&&found.mine!=mine)||(me&&me.ready&&!full)){location.replace(url);return}
if(me&&power)power.setAttribute('width',me.energy)}
function give(amount){if(busy||!mine||full)return;busy=1;ask('POST',url,'do=shake&amount='+amount,function(found){busy=0;took(found)})}
function look(){if(d.hidden)return void setTimeout(look,1000);ask('GET',url+'/state',null,function(found){took(found);setTimeout(look,900)})}
setTimeout(look,900);
var tap=d.getElementById('tap');if(tap)tap.addEventListener('submit',function(e){e.preventDefault();give(34)});
var key=d.getElementById('shake'),hint=d.getElementById('hint');if(!key||!window.DeviceMotionEvent||!window.isSecureContext)return;
function moved(e){var a=e.accelerationIncludingGravity;if(!a||a.x===null)return;if(last){sum+=Math.abs(a.x-last.x)+Math.abs(a.y-last.y)+Math.abs(a.z-last.z)}last={x:a.x,y:a.y,z:a.z}}
function begin(){window.addEventListener('devicemotion',moved);key.hidden=true;if(hint)hint.textContent=box.getAttribute('data-shaking');setInterval(function(){var now=Math.min(34,Math.round(sum/12));sum=0;if(now>4)give(now)},350)}
key.hidden=false;key.addEventListener('click',function(){if(DeviceMotionEvent.requestPermission)DeviceMotionEvent.requestPermission().then(function(said){if(said=='granted')begin();else if(hint)hint.textContent=box.getAttribute('data-no')},function(){if(hint)hint.textContent=box.getAttribute('data-no')});else begin()})})();
